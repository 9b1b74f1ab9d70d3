using System.Globalization;

namespace Alidade.Server.Pages.Web;

/// <summary>Times as the features' views carry them.</summary>
internal static class WireTime
{
    public static DateTimeOffset Read(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    public static DateTimeOffset? ReadOptional(string? text) => text is null ? null : Read(text);
}
