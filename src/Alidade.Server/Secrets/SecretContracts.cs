using Alidade.Engine.Protocol;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Secrets;

/// <param name="Name">What entrypoints ask for it by.</param>
/// <param name="Value">6 to 32,768 characters. No answer ever holds it.</param>
/// <param name="Entrypoints">The only entrypoints whose jobs get it; none named: every one of the group.</param>
/// <param name="Queues">The only queues whose jobs get it; none named: every one.</param>
public sealed record SecretInput(
    long Group,
    [SecretName] string Name,
    [SecretValue] string Value,
    [NotNull, Length(0, SecretInput.MostIds)] IReadOnlyList<long>? Entrypoints = null,
    [NotNull, Length(0, SecretInput.MostIds)] IReadOnlyList<long>? Queues = null
)
{
    internal const int MostIds = 1000;

    /// <summary>Without the value.</summary>
    public override string ToString() => $"secret {Name}";
}

/// <param name="Value">A new value; left out, it stays.</param>
/// <param name="Entrypoints">Left out, the limit stays; an empty list lifts it. Likewise for the queues.</param>
public sealed record SecretChange(
    [NotNull, SecretValue] string? Value = null,
    [NotNull, Length(0, SecretInput.MostIds)] IReadOnlyList<long>? Entrypoints = null,
    [NotNull, Length(0, SecretInput.MostIds)] IReadOnlyList<long>? Queues = null
)
{
    /// <summary>Without the value.</summary>
    public override string ToString() => "change of a secret";
}

/// <summary>A secret as far as it is ever shown.</summary>
/// <param name="Version">Grows with each change.</param>
/// <param name="Entrypoints">Null for no limit.</param>
/// <param name="User">Who changed it last.</param>
/// <param name="UsedOn">When a job was given it last.</param>
public sealed record SecretView(
    long Id,
    long Group,
    string Name,
    int Version,
    IReadOnlyList<long>? Entrypoints,
    IReadOnlyList<long>? Queues,
    string User,
    string CreatedOn,
    string LastModifiedOn,
    string? UsedOn,
    long? UsedByJob
);

/// <param name="Key">Id of the key that seals from now on.</param>
/// <param name="Secrets">How many were sealed anew.</param>
public sealed record KeyRotated(string Key, int Secrets);

public sealed class SecretNameAttribute : RuleAttribute
{
    public override string? Check(object value) =>
        NeedName.IsValid(value as string) ? null : $"The name of a secret must {NeedName.Rule}.";
}

/// <summary>Long enough to be found in a log and short enough for a job's root. The message never holds the value.</summary>
public sealed class SecretValueAttribute : RuleAttribute
{
    /// <summary>Characters. What is shorter is found everywhere in a log by chance.</summary>
    public const int Shortest = 6;

    /// <summary>Bytes in UTF-8.</summary>
    public const int Longest = 32 * 1024;

    public override string? Check(object value) =>
        value is not string text ? null
        : text.Trim().Length < Shortest
            ? $"A secret has at least {Shortest} characters: shorter ones cannot be kept out of logs."
        : System.Text.Encoding.UTF8.GetByteCount(text) > Longest ? $"A secret has at most {Longest} bytes."
        : text.Contains('\0', StringComparison.Ordinal) ? "A secret holds no NUL character."
        : null;
}
