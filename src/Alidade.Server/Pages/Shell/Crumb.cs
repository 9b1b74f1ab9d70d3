namespace Alidade.Server.Pages.Shell;

/// <summary>A step of the way to a page; the last one has no address.</summary>
public sealed record Crumb(string Text, string? Address = null);
