using Alidade.Server.Platform.Input;

namespace Alidade.Server.Models;

/// <summary>Points an alias to a version.</summary>
/// <param name="Expected">The version it must point to now, 0 for none: else somebody else was faster.</param>
public sealed record AliasInput(long Version, long? Expected = null);

/// <summary>What an alias demands of a version.</summary>
/// <param name="Evaluations">Names of evaluations that must have finished; empty opens the gate.</param>
public sealed record GateInput([Length(0, 50)] IReadOnlyList<string> Evaluations);

/// <param name="VersionNumber">Null when it has a gate but points to none.</param>
/// <param name="Evaluations">What it demands of a version.</param>
public sealed record AliasView(string Alias, long? VersionNumber, string? MovedOn, IReadOnlyList<string> Evaluations);

/// <param name="From">Null when it pointed to none before.</param>
/// <param name="To">Null when it was taken away.</param>
public sealed record AliasMoveView(string Alias, long? From, long? To, string User, string MovedOn);
