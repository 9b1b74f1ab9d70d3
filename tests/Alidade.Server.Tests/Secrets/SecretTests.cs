using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Alidade.Server.Secrets;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Secrets;

/// <summary>Secrets go in, and out to workers that are about to begin a job that is granted them; nowhere else.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SecretTests
{
    private const string Value = "corr€ct/horse 42";

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_value_reaches_the_worker_of_a_granted_job_and_no_answer_no_row_and_no_file(Dialect dialect)
    {
        string? data = null;
        await using var server = await TestServer.StartAsync(
            dialect,
            options =>
            {
                data = options.Data;
                return options;
            }
        );
        var world = await SecretWorld.BuildAsync(server, "token");
        var refused = await world.SubmitAsync(HttpStatusCode.BadRequest);
        Assert.Equal("SecretNotGrantedError", refused["error"]!.GetValue<string>());

        var secret = await world.Admin.PostJsonAsync("/api/v1/secrets", Input("token", Value));
        var job = (await world.SubmitAsync()).Id();
        var grant = await world.ClaimAsync();
        Assert.Equal(["token"], grant["secrets"]!.AsArray().Select(n => n!.GetValue<string>()));
        Assert.DoesNotContain(Value, grant.ToString());
        Assert.Equal(Value, (await world.TakeAsync(grant))["values"]!["token"]!.GetValue<string>());

        var start = """{"n":1,"t":1,"k":"start","pid":1,"secrets":["token"]}""" + "\n";
        using var lines = new StringContent(start, Encoding.UTF8);
        var events = $"/api/v1/worker/attempts/{grant["attempt"]}/events?fence={grant["fence"]}";
        (await world.Worker.PostAsync(events, lines)).EnsureSuccessStatusCode();
        await world.TakeAsync(grant, HttpStatusCode.Conflict);

        var listed = (await world.Admin.GetJsonAsync("/api/v1/secrets"))[0]!;
        Assert.Equal(job, listed["usedByJob"]!.GetValue<long>());
        var record = await world.Admin.GetJsonAsync($"/api/v1/jobs/{job}/record");
        Assert.Equal("token", record["attempts"]![0]!["start"]!["secrets"]![0]!.GetValue<string>());
        var audit = await world.Admin.GetJsonAsync("/api/v1/audit?kind=secret");
        Assert.Equal(["use", "create"], audit["data"]!.AsArray().Select(e => e!["action"]!.GetValue<string>()));

        var shown = new StringBuilder(listed.ToJsonString()).Append(secret).Append(record).Append(audit);
        foreach (
            var path in new[]
            {
                $"jobs/{job}",
                $"jobs/{job}/history",
                "entrypoints",
                $"secrets/{secret.Id()}",
                "workers",
            }
        )
        {
            shown.Append(await world.Admin.GetJsonAsync($"/api/v1/{path}"));
        }

        RequireAbsent(Encoding.UTF8.GetBytes(shown.ToString()), "an answer");
        var rows = await server
            .Service<Stores>()
            .Core.ReadAsync(s =>
                s.Query<string>("SELECT sealed FROM secret UNION ALL SELECT detail FROM audit WHERE detail IS NOT NULL")
            );
        RequireAbsent(Encoding.UTF8.GetBytes(string.Join('\n', rows)), "a row");
        // The server holds its lock file closed, and writes nothing but its number there.
        foreach (
            var file in Directory
                .EnumerateFiles(data!, "*", SearchOption.AllDirectories)
                .Where(f => Path.GetFileName(f) != "lock")
        )
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content);
            RequireAbsent(content.ToArray(), file);
        }
    }

    [Fact]
    public async Task Limits_hold_at_submit_and_again_when_the_worker_asks()
    {
        await using var server = await TestServer.StartAsync();
        var world = await SecretWorld.BuildAsync(server, "token");
        var other = (await world.Admin.PostJsonAsync("/api/v1/queues", new { name = "other", group = 1 })).Id();
        var secret = (await world.Admin.PostJsonAsync("/api/v1/secrets", Input("token", Value))).Id();
        await world.SubmitAsync();
        var granted = await world.ClaimAsync();

        var address = $"/api/v1/secrets/{secret}";
        await world.Admin.PutJsonAsync(address, new { queues = new[] { other } });
        Assert.Contains(
            "other queues",
            (await world.SubmitAsync(HttpStatusCode.BadRequest))["message"]!.GetValue<string>()
        );
        var refused = await world.TakeAsync(granted, HttpStatusCode.BadRequest);
        Assert.Contains("other queues", refused["message"]!.GetValue<string>());

        var lifted = await world.Admin.PutJsonAsync(
            address,
            new { queues = Array.Empty<long>(), value = "another value" }
        );
        Assert.Equal((3, true), (lifted["version"]!.GetValue<int>(), lifted["queues"] is null));
        Assert.Equal("another value", (await world.TakeAsync(granted))["values"]!["token"]!.GetValue<string>());
        await world.Admin.PutJsonAsync(address, new { entrypoints = new[] { 999 } }, HttpStatusCode.NotFound);
        await world.Admin.DeleteJsonAsync(address);
        await world.TakeAsync(granted, HttpStatusCode.BadRequest);
        await world.SubmitAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_entrypoint_of_another_group_gets_a_secret_only_by_name()
    {
        await using var server = await TestServer.StartAsync();
        var world = await SecretWorld.BuildAsync(server, "token");
        var lab = (await world.Admin.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var experiment = await world.Admin.PostJsonAsync(
            "/api/v1/experiments",
            new
            {
                name = "own",
                group = lab,
                entrypoints = new[] { world.Entrypoint },
            }
        );
        var secret = await world.Admin.PostJsonAsync(
            "/api/v1/secrets",
            new
            {
                group = lab,
                name = "token",
                value = Value,
            }
        );
        world = world with { Experiment = experiment.Id() };

        Assert.Contains(
            "of another group",
            (await world.SubmitAsync(HttpStatusCode.BadRequest))["message"]!.GetValue<string>()
        );
        await world.Admin.PutJsonAsync(
            $"/api/v1/secrets/{secret.Id()}",
            new { entrypoints = new[] { world.Entrypoint } }
        );
        await world.SubmitAsync();
        Assert.Equal(Value, (await world.TakeAsync(await world.ClaimAsync()))["values"]!["token"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_new_key_seals_everything_and_the_file_is_its_owners_alone()
    {
        var file = "";
        await using var server = await TestServer.StartAsync(change: options =>
        {
            file = Path.Combine(options.Data, SecretKeys.FileName);
            return options;
        });
        var world = await SecretWorld.BuildAsync(server, "token");
        await world.Admin.PostJsonAsync("/api/v1/secrets", Input("token", Value));
        await world.Admin.PostJsonAsync("/api/v1/secrets", Input("second", Value));
        var before = await SealedAsync(server);
        Assert.NotEqual(before[0], before[1]);

        var rotated = await world.Admin.PostJsonAsync("/api/v1/secrets/rotateKey", null);
        Assert.Equal(2, rotated["secrets"]!.GetValue<int>());
        Assert.Empty(before.Intersect(await SealedAsync(server)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(2, JsonNode.Parse(File.ReadAllText(file))!["keys"]!.AsArray().Count);
        await world.SubmitAsync();
        var granted = await world.ClaimAsync();
        Assert.Equal(Value, (await world.TakeAsync(granted))["values"]!["token"]!.GetValue<string>());

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var refused = Assert.Throws<DataFolderException>(() => new SecretKeys(file, TimeProvider.System).Check());
        Assert.Contains("chmod 600", refused.Message);
    }

    [Fact]
    public async Task What_was_moved_or_changed_in_the_database_does_not_open()
    {
        await using var server = await TestServer.StartAsync();
        var world = await SecretWorld.BuildAsync(server, "token");
        await world.Admin.PostJsonAsync("/api/v1/secrets", Input("token", "the weaker value"));
        await world.Admin.PostJsonAsync("/api/v1/secrets", Input("second", Value));
        await server
            .Service<Stores>()
            .Core.WriteAsync(tx =>
                tx.Execute(
                    "UPDATE secret SET sealed = (SELECT s.sealed FROM secret s WHERE s.name = 'second') WHERE name = 'token'"
                )
            );
        await world.SubmitAsync();
        var refused = await world.TakeAsync(await world.ClaimAsync(), HttpStatusCode.BadRequest);
        Assert.Contains("what is stored was changed", refused["message"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("token", "zq9w")]
    [InlineData("token", "a     ")]
    [InlineData("../token", Value)]
    [InlineData("to/ken", Value)]
    [InlineData(".hidden", Value)]
    [InlineData("token", "with\0nul character")]
    public async Task Names_that_lead_elsewhere_and_values_that_cannot_be_found_in_logs_are_refused(
        string name,
        string value
    )
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await server.SignInAsync("ada");
        var refused = await admin.PostJsonAsync("/api/v1/secrets", Input(name, value), HttpStatusCode.BadRequest);
        Assert.DoesNotContain(value, refused.ToJsonString());
        Assert.Empty((await admin.GetJsonAsync("/api/v1/secrets")).AsArray());
    }

    private static object Input(string name, string value) =>
        new
        {
            group = 1,
            name,
            value,
        };

    private static Task<IReadOnlyList<string>> SealedAsync(TestServer server) =>
        server.Service<Stores>().Core.ReadAsync(s => s.Query<string>("SELECT sealed FROM secret ORDER BY name"));

    private static void RequireAbsent(byte[] content, string where)
    {
        var plain = Encoding.UTF8.GetBytes(Value);
        string[] forms =
        [
            Value,
            Convert.ToBase64String(plain)[..16],
            Convert.ToHexStringLower(plain),
            Uri.EscapeDataString(Value),
        ];
        foreach (var form in forms)
        {
            Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(form)) < 0, $"{where} holds {form}");
        }
    }
}
