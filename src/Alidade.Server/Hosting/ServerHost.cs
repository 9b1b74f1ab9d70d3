using System.Net;
using System.Text.Json;
using Alidade.Server.Audits;
using Alidade.Server.Configuration;
using Alidade.Server.Drafts;
using Alidade.Server.MLflow;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs.Tables;
using Alidade.Server.Secrets;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.HttpOverrides;

namespace Alidade.Server.Hosting;

/// <summary>A whole server over one data folder, ready to be started.</summary>
public static class ServerHost
{
    /// <summary>Bytes of a JSON request; routes that stream files have limits of their own.</summary>
    private const long LargestBody = 8 << 20;
    private const int LongestLine = 64 << 10;

    /// <exception cref="DataFolderException">The data folder cannot be used.</exception>
    public static WebApplication Build(ServerOptions options, DataFolder folder, TimeProvider? time = null)
    {
        // Nothing is configured by files beside the current folder, and all of it would be watched for changes: a home
        // folder with everything below it.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders().AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        // Who starts the server says why it did not start, in a sentence instead of a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // It would give each request an activity with ids and a scope of the log, which nobody here reads.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // What has come is worked on by the thread that took it, and what is answered is sent by the one that wrote it: to pass
        // a small request on costs more than most of them do.
        builder
            .WebHost.UseKestrelCore()
            .UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true)
            .ConfigureKestrel(kestrel => Listen(kestrel, options.Http));
        AddServices(builder.Services, options, folder, time ?? TimeProvider.System);
        var app = builder.Build();
        UsePipeline(app, options);
        app.MapFeatures();
        return app;
    }

    /// <summary>The address people and workers use, once the server has started.</summary>
    public static Uri AddressOf(WebApplication app) =>
        new(
            app.Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.First()
                .Replace("[::]", "127.0.0.1", StringComparison.Ordinal)
                .Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)
        );

    private static void Listen(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions kestrel, HttpOptions http)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = LargestBody;
        // Pages ask for series of many runs at once, and a list that is too long deserves a sentence, not a status.
        kestrel.Limits.MaxRequestLineSize = LongestLine;
        kestrel.Listen(http.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(http.Host), http.Port);
    }

    private static void AddServices(
        IServiceCollection services,
        ServerOptions options,
        DataFolder folder,
        TimeProvider time
    )
    {
        services.AddSingleton<IHostLifetime, CallerLifetime>();
        services.AddSingleton(options);
        services.AddSingleton(folder);
        services.AddSingleton(time);
        services.AddSingleton(OpenKeys(options, folder, time));
        services.AddSingleton(new StoreOpener(options, folder, new MonotonicClock(time)).Open());
        var blobs = new FileBlobStore(folder.Blobs, time);
        services.AddSingleton<IBlobStore>(blobs);
        services.AddSingleton<IPartStore>(new FilePartStore(Path.Combine(folder.Blobs, "uploads"), blobs));
        services.AddHostedService<StoreCloser>();
        services.AddHostedService<RestoredFolder>();
        services.Configure<JsonOptions>(json => Json(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        AddRequestValues(services);
        services.AddFeatures(options);
    }

    private static void AddRequestValues(IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddOfRequest(Caller.Of);
        services.AddOfRequest(context => Listing.Read(context.Request.Query));
        services.AddOfRequest(context => DraftListing.Read(context.Request.Query));
        services.AddOfRequest(context => AuditQuery.Read(context.Request.Query));
        services.AddOfRequest(context => TableRequest.Read(context.Request.Query));
        services.AddOfRequest(context => GroupRequest.Read(context.Request.Query));
    }

    private static SecretKeys OpenKeys(ServerOptions options, DataFolder folder, TimeProvider time)
    {
        var file = options.Secrets.KeyFile;
        var path = file.Length > 0 ? Path.GetFullPath(file) : Path.Combine(folder.Path, SecretKeys.FileName);
        var keys = new SecretKeys(path, time);
        keys.Check();
        return keys;
    }

    private static void Json(JsonSerializerOptions json)
    {
        json.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        json.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    }

    private static void UsePipeline(WebApplication app, ServerOptions options)
    {
        app.UseApiErrors();
        UseProxies(app, options.Http.TrustedProxies);
        app.UseMlflow();
        if (options.Http.IsLoopback)
        {
            app.UseHostCheck(options.Http.AllowedOrigins);
        }

        app.UseRouting();
        app.UseCaller();
        app.UseAnonymousTracking();
        app.UseCrossSiteCheck(options.Http.AllowedOrigins);
        app.UseAttempts();
        app.UseClosedEndpoints();
    }

    /// <summary>Behind a proxy every request would seem to come from the proxy, which sign-in throttling must not take for one guesser.</summary>
    private static void UseProxies(WebApplication app, IReadOnlyList<string> trusted)
    {
        if (trusted.Count == 0)
        {
            return;
        }

        var headers = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
        };
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var proxy in trusted)
        {
            headers.KnownProxies.Add(IPAddress.Parse(proxy));
        }

        app.UseForwardedHeaders(headers);
    }

    /// <summary>Closes the stores after everything else has stopped, so that what was acknowledged is checkpointed.</summary>
    private sealed class StoreCloser(Stores stores) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StoppedAsync(CancellationToken cancellationToken)
        {
            await stores.Core.DisposeAsync();
            await stores.Series.DisposeAsync();
        }
    }
}
