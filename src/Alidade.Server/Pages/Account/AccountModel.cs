namespace Alidade.Server.Pages.Account;

/// <summary>The signed-in user.</summary>
public sealed record AccountModel(string Name, string Email, IReadOnlyList<Membership> Groups, string Server);

/// <summary>A group the user belongs to.</summary>
public sealed record Membership(string Name, int Members, string Role);
