namespace Alidade.Server.Pages.Parts;

/// <summary>One view of a page, with its own address.</summary>
public sealed record Tab(string Name, string Address, long? Count = null);
