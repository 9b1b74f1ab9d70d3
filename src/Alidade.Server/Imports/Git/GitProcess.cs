using System.Diagnostics;
using System.Text;

namespace Alidade.Server.Imports.Git;

/// <summary>
/// The system's git with nothing of its surroundings: no configuration of user, system or environment, no hooks, no
/// templates, no prompts, one protocol. The only place of the server that starts a process.
/// </summary>
/// <param name="folder">Where it runs, and its home.</param>
/// <param name="protocols">What it may speak, with colons between.</param>
/// <param name="pin">Whom it asks.</param>
internal sealed class GitProcess(string folder, string protocols, HostPin pin)
{
    private const int KeptErrors = 2000;

    private static readonly string[] Passed =
    [
        "PATH",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "HTTPS_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "SSH_AUTH_SOCK",
    ];

    private static readonly string[] Settings =
    [
        "core.hooksPath=/dev/null",
        // A host was looked at before it is asked, and one that it sends on to was not.
        "http.followRedirects=false",
        "core.fsmonitor=false",
        // A link becomes a small file that says where it led.
        "core.symlinks=false",
        "core.autocrlf=false",
        // What is larger is streamed to the disk, where its size is watched, and never held in memory.
        "core.bigFileThreshold=8m",
        "credential.helper=",
        "submodule.recurse=false",
        "fetch.recurseSubmodules=false",
        "gc.auto=0",
        "maintenance.auto=false",
        "advice.detachedHead=false",
    ];

    private static readonly string[] Ssh = ["ssh", "-oBatchMode=yes", "-oStrictHostKeyChecking=yes"];

    /// <returns>What it says on stdout.</returns>
    /// <exception cref="GitFailedException">It did not end well; the message is what it says on stderr.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        using var process = Start(arguments);
        try
        {
            var errors = TailAsync(process.StandardError, cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? output.Trim() : throw new GitFailedException(await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    private Process Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("git")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var argument in Settings
                .Concat(pin.Settings)
                .SelectMany(setting => (string[])["-c", setting])
                .Concat(arguments)
        )
        {
            start.ArgumentList.Add(argument);
        }

        SetEnvironment(start.Environment);
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new GitFailedException($"git does not start on this server: {e.Message}");
        }
    }

    private void SetEnvironment(IDictionary<string, string?> environment)
    {
        var passed = Passed
            .Where(environment.ContainsKey)
            .Select(name => KeyValuePair.Create(name, environment[name]))
            .ToList();
        environment.Clear();
        foreach (
            var (name, value) in passed.Concat(
                new Dictionary<string, string?>
                {
                    ["HOME"] = folder,
                    ["LC_ALL"] = "C",
                    ["GIT_CONFIG_NOSYSTEM"] = "1",
                    ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                    ["GIT_ATTR_NOSYSTEM"] = "1",
                    ["GIT_TERMINAL_PROMPT"] = "0",
                    ["GIT_ASKPASS"] = "/bin/false",
                    ["GIT_SSH_COMMAND"] = string.Join(' ', Ssh.Concat(pin.Ssh).Select(o => $"'{o}'")),
                    ["GIT_OVERRIDE_VIRTUAL_HOST"] = pin.VirtualHost,
                    ["GIT_ALLOW_PROTOCOL"] = protocols,
                    ["GIT_PROTOCOL_FROM_USER"] = "0",
                }
            )
        )
        {
            environment[name] = value;
        }
    }

    /// <summary>The end of what it says; read in pieces, since what a remote says may have no end of line.</summary>
    private static async Task<string> TailAsync(StreamReader errors, CancellationToken cancellation)
    {
        var tail = new StringBuilder();
        var buffer = new char[KeptErrors];
        for (int read; (read = await errors.ReadAsync(buffer, cancellation)) > 0; )
        {
            tail.Append(buffer, 0, read);
            tail.Remove(0, Math.Max(0, tail.Length - KeptErrors));
        }

        return new string([.. tail.ToString().Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
    }
}

/// <summary>Git said no.</summary>
internal sealed class GitFailedException(string errors) : Exception(errors);
