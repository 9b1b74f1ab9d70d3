using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alidade.Bench.Servers;

/// <summary>The floor of everything that speaks HTTP: the same web server with one route that answers fixed bytes.</summary>
internal static class BareKestrel
{
    public const string Switch = "--bare-kestrel";

    private const string Ready = "bare server ready:";

    /// <param name="body">What it answers.</param>
    public static async Task<ChildServer> StartAsync(byte[] body)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, body);
        return await ChildServer.StartAsync(Environment.ProcessPath!, [Switch, file], Ready);
    }

    /// <summary>Serves until it is ended, in a process of its own.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var body = await File.ReadAllBytesAsync(arguments[0]);
        File.Delete(arguments[0]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet(
            "/",
            (HttpContext context) =>
            {
                context.Response.ContentType = "application/json";
                context.Response.ContentLength = body.Length;
                return context.Response.Body.WriteAsync(body).AsTask();
            }
        );
        await app.StartAsync();
        Console.WriteLine($"{Ready} {app.Urls.First()}");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
