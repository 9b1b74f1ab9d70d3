namespace Alidade.Server.Imports;

/// <summary>What one import may cost. A small archive or repository can stand for a huge one.</summary>
internal static class ImportLimits
{
    /// <summary>Bytes of a request.</summary>
    public const long Upload = 64L << 20;

    /// <summary>Files in a source, used or not.</summary>
    public const int Files = 20_000;

    /// <summary>Bytes an archive may expand to, and a repository may take on disk.</summary>
    public const long Expanded = 256L << 20;

    /// <summary>How many times its own size an archive may expand to, beyond <see cref="FreeExpansion"/>.</summary>
    public const long Ratio = 100;

    public const long FreeExpansion = 16L << 20;

    /// <summary>Bytes of a file that is read: the manifest, a plugin file, an entrypoint file.</summary>
    public const int Text = 1 << 20;

    /// <summary>Imports that read their sources at the same time; others wait.</summary>
    public const int AtOnce = 2;

    /// <summary>How long git may take, all its commands together.</summary>
    public static readonly TimeSpan Git = TimeSpan.FromMinutes(2);
}
