namespace Alidade.Engine.Search;

/// <summary>One form for all that a search takes as the same, made here so that every database answers alike.</summary>
public static class TextFolding
{
    /// <summary>What differs only in case is the same.</summary>
    /// <remarks>
    /// Stored texts are folded, so this may never change by itself: it takes nothing from the system. Composed and decomposed
    /// characters stay different, because without the system's tables the runtime does not normalise.
    /// </remarks>
    public static string Fold(string text) => text.ToLowerInvariant();
}
