using System.Net;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Users;
using Alidade.Testing;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>Guessing passwords is slow, and hurts nobody but who guesses.</summary>
public sealed class ThrottleTests
{
    private readonly FakeTime _time = new();

    [Fact]
    public void One_address_gets_five_guesses_at_an_account_and_then_one_in_a_while()
    {
        var throttle = new SignInThrottle(_time);
        Assert.Equal(5, Guesses(throttle, "ada", "10.0.0.1", 100));

        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(5, Guesses(throttle, "ada", "10.0.0.1", 100));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, Guesses(throttle, "ada", "10.0.0.1", 100));
    }

    [Fact]
    public void One_address_gets_thirty_guesses_a_minute_at_all_accounts()
    {
        var throttle = new SignInThrottle(_time);
        var guesses = Enumerable.Range(0, 1000).Sum(i => Guesses(throttle, $"user{i}", "10.0.0.1", 1));

        Assert.Equal(30, guesses);
    }

    [Fact]
    public void A_thousand_addresses_cannot_shut_the_owner_out()
    {
        var throttle = new SignInThrottle(_time);
        throttle.Begin("ada", "192.0.2.7");
        throttle.Succeed("ada", "192.0.2.7");

        var guesses = Enumerable.Range(0, 1000).Sum(i => Guesses(throttle, "ada", $"10.0.{i / 250}.{i % 250}", 10));

        Assert.Equal(20, guesses);
        throttle.Begin("ada", "192.0.2.7");
        throttle.Succeed("ada", "192.0.2.7");
        var refused = Assert.Throws<TooManyAttemptsException>(() => throttle.Begin("ada", "192.0.2.8"));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Who_guesses_from_beside_the_owner_cannot_shut_the_owner_out()
    {
        var throttle = new SignInThrottle(_time);
        throttle.Begin("ada", "10.0.0.1");
        throttle.Succeed("ada", "10.0.0.1");
        Assert.Equal(30, Enumerable.Range(0, 100).Sum(i => Guesses(throttle, $"user{i}", "10.0.0.1", 1)));

        throttle.Begin("ada", "10.0.0.1");
        throttle.Succeed("ada", "10.0.0.1");

        Assert.Equal(0, Guesses(throttle, "eve", "10.0.0.1", 1));
        Assert.Equal(5, Guesses(throttle, "ada", "10.0.0.1", 100));
    }

    [Fact]
    public void A_right_password_costs_nothing()
    {
        var throttle = new SignInThrottle(_time);
        for (var i = 0; i < 1000; i++)
        {
            throttle.Begin("ada", "10.0.0.1");
            throttle.Succeed("ada", "10.0.0.1");
        }
    }

    [Fact]
    public void Memory_is_bounded_whoever_asks()
    {
        var buckets = new TokenBuckets(_time, 5, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 25_000; i++)
        {
            buckets.Take($"key{i}");
        }

        Assert.InRange(buckets.Count, 1, 10_000);
    }

    [Fact]
    public async Task Whoever_guesses_is_told_when_to_come_back()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        using var guest = server.NewClient();
        for (var i = 0; i < 5; i++)
        {
            await LoginAsync(HttpStatusCode.Unauthorized);
        }

        var refused = await LoginAsync(HttpStatusCode.TooManyRequests);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        using var page = await guest.PostAsync(
            new Uri("/signin", UriKind.Relative),
            new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "ada", ["password"] = "x" })
        );
        Assert.Equal(HttpStatusCode.TooManyRequests, page.StatusCode);

        // Whoever is in stays in, and others sign in from the same place.
        await ada.GetJsonAsync("/api/v1/users/current");
        using var bob = await server.SignInAsync("bob");

        async Task<HttpResponseMessage> LoginAsync(HttpStatusCode expected)
        {
            var response = await guest.PostAsync(
                new Uri("/api/v1/auth/login", UriKind.Relative),
                System.Net.Http.Json.JsonContent.Create(new { username = "ada", password = "wrong" })
            );
            Assert.Equal(expected, response.StatusCode);
            return response;
        }
    }

    private static int Guesses(SignInThrottle throttle, string account, string address, int attempts)
    {
        var taken = 0;
        for (var i = 0; i < attempts; i++)
        {
            try
            {
                throttle.Begin(account, address);
                taken++;
            }
            catch (TooManyAttemptsException)
            {
                // Counted by its absence.
            }
        }

        return taken;
    }
}
