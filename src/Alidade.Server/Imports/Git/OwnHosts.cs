using System.Net;
using System.Net.Sockets;

namespace Alidade.Server.Imports.Git;

/// <summary>
/// Hosts that only this machine reaches: itself, and what answers on its link, such as a cloud's service for credentials. Who
/// imports could use the server to ask them.
/// </summary>
/// <param name="lookUp">Finds the addresses of a name.</param>
internal sealed class OwnHosts(Func<string, CancellationToken, Task<IPAddress[]>> lookUp)
{
    public static OwnHosts OfSystem { get; } = new(Dns.GetHostAddressesAsync);

    /// <returns>Where the host is, none of it own; empty when nobody here knows the name.</returns>
    /// <exception cref="Platform.Errors.RefusedException">The name leads to an own host.</exception>
    public async Task<IReadOnlyList<IPAddress>> RefuseAsync(string host, CancellationToken cancellation)
    {
        var found = await AddressesAsync(host, cancellation);
        return found.Any(IsOwn)
            ? throw ImportFailure.Git($"{host} is reached by this server alone; Import:AllowedHosts opens it.")
            : found;
    }

    private async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        try
        {
            return await lookUp(host, cancellation);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // A proxy may know it.
            return [];
        }
    }

    private static bool IsOwn(IPAddress found)
    {
        var address = found.IsIPv4MappedToIPv6 ? found.MapToIPv4() : found;
        return IPAddress.IsLoopback(address)
            || address.Equals(IPAddress.Any)
            || address.Equals(IPAddress.IPv6Any)
            || address.IsIPv6LinkLocal
            || address.GetAddressBytes() is [169, 254, _, _];
    }
}
