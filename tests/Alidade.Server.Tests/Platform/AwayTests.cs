using System.Net;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Server.Tests.Platform;

/// <summary>What is answered while the database does not answer.</summary>
public sealed class AwayTests
{
    [Fact]
    public async Task A_database_that_is_gone_is_no_fault_of_the_request()
    {
        var postgres = "";
        await using var server = await TestServer.StartAsync(
            Dialect.Postgres,
            options =>
            {
                postgres = options.Store.Postgres!;
                return options;
            }
        );
        using var ada = await server.SignInAsync("ada");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health"));
        await PostgresServer.DropAsync(postgres);

        foreach (var path in new[] { "/api/v1/queues", "/api/2.0/mlflow/experiments/get?experiment_id=0", "/jobs" })
        {
            Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, await StatusAsync(path)));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/health"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/live"));

        async Task<HttpStatusCode> StatusAsync(string path)
        {
            using var answer = await ada.GetAsync(new Uri(path, UriKind.Relative));
            return answer.StatusCode;
        }
    }
}
