using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Jump;

/// <summary>What was typed, and what it finds.</summary>
public sealed record JumpModel(Address Address, Words Words, IReadOnlyList<Found> Found);
