using System.Net;

namespace Alidade.Server.Imports.Git;

/// <summary>
/// Makes git connect to addresses that were looked at. By itself it would ask for the name again, and whoever owns the name
/// may answer differently the second time.
/// </summary>
/// <param name="Address">The repository.</param>
/// <param name="Settings">Of git.</param>
/// <param name="Ssh">Options of ssh.</param>
/// <param name="VirtualHost">What git's own protocol says it asks for; null for what is in the address.</param>
internal sealed record HostPin(
    string Address,
    IReadOnlyList<string> Settings,
    IReadOnlyList<string> Ssh,
    string? VirtualHost
)
{
    /// <summary>Nobody is there: where only a proxy knows a name, git must not find it by itself either.</summary>
    private static readonly IReadOnlyList<IPAddress> Nowhere = [IPAddress.Broadcast];

    /// <summary>Names that the settings allow lead where they lead.</summary>
    public static HostPin None(GitUrl url) => new(url.Address, [], [], null);

    /// <param name="addresses">All of the host that were found.</param>
    public static HostPin To(GitUrl url, IReadOnlyList<IPAddress> addresses)
    {
        if (IPAddress.TryParse(url.Host, out _))
        {
            return None(url);
        }

        addresses = addresses.Count > 0 ? addresses : Nowhere;
        var port = url.Where.IsDefaultPort ? "" : $":{url.Where.Port}";
        return url switch
        {
            { IsHttp: true } => None(url) with
            {
                Settings =
                [
                    $"http.curloptResolve={url.Host}:{url.Where.Port}:{string.Join(',', addresses.Select(Bracketed))}",
                ],
            },
            // The host's key is known under its name.
            { Where.Scheme: "ssh" } => None(url) with
            {
                Ssh =
                [
                    $"-oHostName={addresses[0]}",
                    $"-oHostKeyAlias={(port.Length == 0 ? url.Host : $"[{url.Host}]{port}")}",
                ],
            },
            _ => new HostPin(url.AddressAt($"{addresses[0]}"), [], [], url.Host + port),
        };
    }

    private static string Bracketed(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}";
}
