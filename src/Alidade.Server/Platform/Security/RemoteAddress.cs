using System.Net;
using System.Net.Sockets;

namespace Alidade.Server.Platform.Security;

/// <summary>Where a request comes from.</summary>
internal static class RemoteAddress
{
    /// <summary>Half of an IPv6 address names a network; who has one has all of its addresses.</summary>
    private const int NetworkBytes = 8;

    public static bool IsLoopback(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    /// <summary>The IPv4 address, or the network of the IPv6 address, as text.</summary>
    public static string Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
