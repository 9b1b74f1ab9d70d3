using System.Globalization;
using System.Security.Cryptography;

namespace Alidade.Server.Platform.Security;

/// <summary>PBKDF2-HMAC-SHA512 with its parameters stored beside it, so that they can grow.</summary>
public static class Passwords
{
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>Fewer only in tests that make hundreds of accounts, and would else do little but this.</summary>
    internal static int Iterations { get; set; } = 210_000;

    /// <summary>Compared against when a user does not exist, so that the answer takes the same time.</summary>
    private static readonly string Nobody = Hash("nobody");

    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA512, HashBytes);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"pbkdf2-sha512${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}"
        );
    }

    /// <param name="stored">Null for an unknown user: takes as long and says no.</param>
    public static bool Verify(string password, string? stored)
    {
        var parts = (stored ?? Nobody).Split('$');
        var salt = Convert.FromBase64String(parts[2]);
        var expected = Convert.FromBase64String(parts[3]);
        var iterations = int.Parse(parts[1], CultureInfo.InvariantCulture);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, expected.Length);
        return CryptographicOperations.FixedTimeEquals(hash, expected) && stored is not null;
    }
}
