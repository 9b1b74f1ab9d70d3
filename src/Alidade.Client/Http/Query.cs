namespace Alidade.Client.Http;

/// <summary>A path with its query; members without a value are left out.</summary>
internal static class Query
{
    public static string Of(string path, params ReadOnlySpan<(string Name, object? Value)> members)
    {
        var parts = new List<string>();
        foreach (var (name, value) in members)
        {
            if (value is not null)
            {
                parts.Add($"{name}={Uri.EscapeDataString(FormattableString.Invariant($"{value}"))}");
            }
        }

        return parts.Count == 0 ? path : $"{path}?{string.Join('&', parts)}";
    }
}
