using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Alidade.Engine.Protocol;
using Alidade.Worker.Protocol;

namespace Alidade.Worker.Doctor;

/// <summary>The way to the server, the clocks of both, and the token.</summary>
internal sealed class ServerExamination(HttpClient http, WorkerOptions options, TimeProvider time)
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellation)
    {
        var asked = time.GetUtcNow();
        try
        {
            using var health = await http.GetAsync(new Uri("health", UriKind.Relative), cancellation);
            var answered = time.GetUtcNow();
            if (!health.IsSuccessStatusCode)
            {
                return
                [
                    Finding.Bad(
                        "server",
                        $"{options.Server} answers {(int)health.StatusCode} to GET /health.",
                        "Is this the address of an alidade server? Give the one in its line \"Alidade ready\"."
                    ),
                ];
            }

            var reached = $"{options.Server} answers within {(answered - asked).TotalMilliseconds:0} ms.";
            return
            [
                Finding.Good("server", reached),
                Clock(health.Headers.Date, asked, answered),
                .. await TokenAsync(cancellation),
            ];
        }
        catch (Exception e)
            when (e is HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return
            [
                Finding.Bad(
                    "server",
                    $"{options.Server} cannot be reached: {e.Message}",
                    "Check that the server runs, that it listens on more than loopback (serve --host), and what stands between."
                ),
            ];
        }
    }

    /// <summary>The header is in whole seconds, so half of one is lost on average.</summary>
    private static Finding Clock(DateTimeOffset? server, DateTimeOffset asked, DateTimeOffset answered)
    {
        if (server is not { } theirs)
        {
            return Finding.Fair("clock", "The server does not say its time.", "Ask what stands between to keep Date.");
        }

        var ours = asked + ((answered - asked) / 2);
        var skew = ours - theirs.AddMilliseconds(500);
        var seconds = Math.Abs(skew.TotalSeconds);
        return skew.Duration() <= MostSkew
            ? Finding.Good("clock", "It agrees with the server's.")
            : Finding.Fair(
                "clock",
                $"It is {seconds:0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the server's, and so are the times in logs.",
                "Let both machines take their time from the network: timedatectl set-ntp true."
            );
    }

    private async Task<IReadOnlyList<Finding>> TokenAsync(CancellationToken cancellation)
    {
        if (!WorkerOptionsValidator.HasToken(options))
        {
            return
            [
                Finding.Bad(
                    "token",
                    "None is given, or it holds a blank.",
                    "Make one with: alidade worker-token create. Give it as --token or ALIDADE_TOKEN."
                ),
            ];
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/worker/token");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
        using var response = await http.SendAsync(request, cancellation);
        if (response.StatusCode is HttpStatusCode.Unauthorized)
        {
            return
            [
                Finding.Bad(
                    "token",
                    "The server does not know it, or it was revoked.",
                    "Make another with: alidade worker-token create."
                ),
            ];
        }

        if (!response.IsSuccessStatusCode)
        {
            return
            [
                Finding.Bad(
                    "token",
                    $"The server answers {(int)response.StatusCode} when asked about it.",
                    "Give server and worker the same version."
                ),
            ];
        }

        var token = (await response.Content.ReadFromJsonAsync(WorkerJson.Default.TokenReply, cancellation))!;
        var some = token.Queues.Where(queue => !string.IsNullOrWhiteSpace(queue)).ToList();
        if (some.Count == 0)
        {
            return
            [
                Finding.Bad(
                    "token",
                    $"'{token.Name}' allows no queue, so this worker gets no job.",
                    "Make another with: alidade worker-token create, without --queue or with the name of one."
                ),
            ];
        }

        var serves = $"'{token.Name}' lets this worker serve the queues {string.Join(", ", some)}.";
        return
        [
            Finding.Good("token", serves),
            .. options.Queues.Where(queue => IsNotServed(queue, token.Queues)).Select(queue => NotServed(queue, token)),
            .. token.DataFolders?.Select(Folder) ?? [],
        ];
    }

    /// <summary>Of a pattern nobody knows which queues there will be.</summary>
    private static bool IsNotServed(string queue, IReadOnlyList<string> allowed) =>
        QueuePatterns.IsName(queue) && !QueuePatterns.Matches(queue, allowed);

    private static Finding NotServed(string queue, TokenReply token) =>
        Finding.Bad(
            "queue",
            $"'{queue}' is none of the queues of the token '{token.Name}', so this worker gets no job from it.",
            $"Make a token for it with: alidade worker-token create --queue '{queue}'. Or leave --queue {queue} out."
        );

    private Finding Folder(KeyValuePair<string, string> declared) =>
        ShownFolders.Problem(options, declared.Key, declared.Value) is { } problem
            ? Finding.Fair(
                "data folder",
                $"The pool's {declared.Key} is not shown: {problem}",
                "Jobs that need it wait for other workers."
            )
            : Finding.Good("data folder", $"The pool's {declared.Key} is shown.");
}
