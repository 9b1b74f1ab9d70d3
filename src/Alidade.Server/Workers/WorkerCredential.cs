using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>The secret of a session: its id and a random part, of which only the digest is kept.</summary>
public static class WorkerCredential
{
    private const string Scheme = "Bearer ";

    public static string NewToken() => Secret.New("alw_");

    /// <summary>The random part; the session's id is put before it once it is known.</summary>
    public static string NewSecret() => Secret.New("als_");

    public static string Join(long session, string random) => $"{session}.{random}";

    /// <summary>What stands behind <c>Bearer</c>, or null.</summary>
    public static string? Bearer(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header.Length <= 500
            ? header[Scheme.Length..].Trim()
            : null;
    }

    /// <summary>The session this secret belongs to, ended or not; null when it belongs to none.</summary>
    public static SessionRow? Find(ISession read, string? secret)
    {
        var dot = secret?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (
            dot < 1
            || !long.TryParse(secret.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || SessionReader.Find(read, id) is not { } session
        )
        {
            return null;
        }

        var digest = Pools.Digest(secret![(dot + 1)..]);
        var same = CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(digest),
            Encoding.ASCII.GetBytes(session.Secret)
        );
        return same ? session : null;
    }
}
