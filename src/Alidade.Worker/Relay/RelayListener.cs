using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Alidade.Worker.Attempts;
using Alidade.Worker.Processes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Alidade.Worker.Relay;

/// <summary>
/// Where supervisors bring the calls of their jobs: one Unix socket, at the same place after every start. A connection
/// begins with a line that says whose it is, <c>ATTEMPT SECRET</c>; what follows is HTTP.
/// </summary>
internal sealed class RelayListener : IAsyncDisposable, IHttpApplication<IFeatureCollection>
{
    private const int LongestLine = 200;
    private const string SocketName = "agent.sock";

    // Others may pass through, for at L1 under root a supervisor is a user of its own; the folder above is closed, and
    // the supervisor has opened this one before.
    private const UnixFileMode Passable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherExecute;
    private const UnixFileMode Connectable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    private readonly AttemptTable _attempts;
    private readonly RelayForwarder _forwarder;
    private readonly SafeFileHandle _folder;
    private readonly KestrelServer _server;

    private RelayListener(AttemptTable attempts, RelayForwarder forwarder, string folder)
    {
        (_attempts, _forwarder) = (attempts, forwarder);
        _folder = Native.OpenFolder(folder);
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null;
        // Through the descriptor, since the name of a socket has room for 107 bytes only.
        options.ListenUnixSocket($"/proc/self/fd/{_folder.DangerousGetHandle()}/{SocketName}", Introduced);
        var transport = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions()),
            NullLoggerFactory.Instance
        );
        _server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    /// <summary>Where supervisors connect to, in the worker's data folder.</summary>
    public static string SocketIn(string data) => Path.Combine(data, "relay", SocketName);

    public static async Task<RelayListener> StartAsync(string data, AttemptTable attempts, RelayForwarder forwarder)
    {
        var socket = SocketIn(data);
        var folder = Path.GetDirectoryName(socket)!;
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, Passable);
        File.Delete(socket);
        var listener = new RelayListener(attempts, forwarder, folder);
        await listener._server.StartAsync(listener, CancellationToken.None);
        File.SetUnixFileMode(socket, Connectable);
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        // Calls under way are cut: the job is told to try again, and the next agent takes them.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        _server.Dispose();
        _folder.Dispose();
    }

    IFeatureCollection IHttpApplication<IFeatureCollection>.CreateContext(IFeatureCollection contextFeatures) =>
        contextFeatures;

    Task IHttpApplication<IFeatureCollection>.ProcessRequestAsync(IFeatureCollection context) =>
        _forwarder.ForwardAsync(new DefaultHttpContext(context), context.GetRequiredFeature<Attempt>());

    void IHttpApplication<IFeatureCollection>.DisposeContext(IFeatureCollection context, Exception? exception) { }

    private void Introduced(ListenOptions listen) =>
        listen.Use(next =>
            async connection =>
            {
                if (await WhoseAsync(connection) is not { } attempt)
                {
                    connection.Abort();
                    return;
                }

                connection.Features.Set(attempt);
                await next(connection);
            }
        );

    private async Task<Attempt?> WhoseAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(connection.ConnectionClosed);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.UTF8.GetString(read.Buffer.Slice(0, end));
                input.AdvanceTo(read.Buffer.GetPosition(1, end));
                return Find(line.Split(' '));
            }

            if (read.IsCompleted || read.Buffer.Length > LongestLine)
            {
                input.AdvanceTo(read.Buffer.End);
                return null;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private Attempt? Find(string[] words) =>
        words is [var id, var secret]
        && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && _attempts.Find(number) is { } attempt
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(secret),
            Encoding.UTF8.GetBytes(attempt.RelaySecret)
        )
            ? attempt
            : null;
}
