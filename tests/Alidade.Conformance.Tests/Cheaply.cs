using System.Runtime.CompilerServices;
using Alidade.Server.Platform.Security;

namespace Alidade.Conformance.Tests;

/// <summary>
/// Every conversation starts a server, makes accounts and signs in. At the real price of passwords and of synced disks,
/// which others test, that would be most of the run.
/// </summary>
internal static class Cheaply
{
    private const string Memory = "/dev/shm";

    [ModuleInitializer]
    public static void Set()
    {
        Passwords.Iterations = 1;
        if (Directory.Exists(Memory))
        {
            Environment.SetEnvironmentVariable("TMPDIR", Memory);
        }
    }
}
