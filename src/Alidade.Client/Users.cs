using System.Text.Json.Nodes;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Accounts and sessions.</summary>
public sealed class UserClient
{
    private readonly Transport _transport;

    internal UserClient(Transport transport) => _transport = transport;

    public Task<CurrentUser> RegisterAsync(
        string username,
        string email,
        string password,
        CancellationToken cancellation = default
    ) =>
        _transport.PostAsync<CurrentUser>(
            "users/",
            new
            {
                username,
                email,
                password,
                confirmPassword = password,
            },
            cancellation
        );

    /// <summary>Begins a session; its cookies go with every later request of this client.</summary>
    public Task SignInAsync(string username, string password, CancellationToken cancellation = default) =>
        _transport.PostAsync<JsonNode>("auth/login", new { username, password }, cancellation);

    public Task SignOutAsync(CancellationToken cancellation = default) =>
        _transport.PostAsync<JsonNode>("auth/logout", null, cancellation);

    public Task<CurrentUser> CurrentAsync(CancellationToken cancellation = default) =>
        _transport.GetAsync<CurrentUser>("users/current", cancellation);

    /// <summary>A link that signs the current user in once, in a browser.</summary>
    public async Task<Uri> WelcomeAsync(CancellationToken cancellation = default) =>
        (await _transport.PostAsync<Welcome>("auth/welcome", null, cancellation)).Url;

    private sealed record Welcome(Uri Url);
}

public sealed record CurrentUser(long Id, string Username, string Email, IReadOnlyList<Reference> Groups);
