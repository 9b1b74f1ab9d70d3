using System.Net;
using System.Net.Sockets;

namespace Alidade.Server.Imports.Git;

/// <summary>
/// Hosts that only this machine reaches: itself, and what answers on its link, such as a cloud's service for credentials. Who
/// imports could use the server to ask them.
/// </summary>
internal static class OwnHosts
{
    /// <exception cref="Platform.Errors.RefusedException">The name leads to one of them.</exception>
    public static async Task RefuseAsync(string host, CancellationToken cancellation)
    {
        if ((await AddressesAsync(host, cancellation)).Any(IsOwn))
        {
            throw ImportFailure.Git($"{host} is reached by this server alone; Import:AllowedHosts opens it.");
        }
    }

    private static async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // A proxy may know it; if nobody does, or it is no name at all, git says so.
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
