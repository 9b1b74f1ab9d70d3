using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Jump;

/// <summary>What was typed, and what it finds.</summary>
public sealed record JumpModel(Address Address, SearchWords Words, IReadOnlyList<Found> Found);
