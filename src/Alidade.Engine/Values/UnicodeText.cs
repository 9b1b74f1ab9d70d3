namespace Alidade.Engine.Values;

internal static class UnicodeText
{
    /// <summary>False when half of a surrogate pair stands alone: such a text has no UTF-8 form.</summary>
    public static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }
            if (!char.IsSurrogatePair(text, i))
            {
                return false;
            }
            i++;
        }
        return true;
    }
}
