namespace Alidade.Engine.Search.Filters;

/// <summary>A piece of a filter, with its quotes.</summary>
/// <param name="Position">Where it begins, counted from 0.</param>
/// <param name="IsOpen">A quote in it is not closed, so it is all of the rest.</param>
public readonly record struct FilterToken(string Text, int Position = 0, bool IsOpen = false)
{
    public bool IsWord(string word) => Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool IsQuoted => Text.Length > 1 && Text[0] is '\'' or '"';

    /// <summary>Whether it can name something: it begins with a letter, an underscore or an opening quote.</summary>
    public bool IsName => char.IsLetter(Text[0]) || Text[0] is '_' or '`' or '"';
}
