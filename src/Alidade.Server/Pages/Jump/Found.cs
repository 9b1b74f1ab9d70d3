namespace Alidade.Server.Pages.Jump;

/// <summary>Something that has a page.</summary>
/// <param name="Note">What it is, in a few words.</param>
public sealed record Found(string Title, string Note, string Address)
{
    public string Icon { get; init; } = "";

    /// <summary>The glyph of its state in place of an icon.</summary>
    public string? Shape { get; init; }
}
