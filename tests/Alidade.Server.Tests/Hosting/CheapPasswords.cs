using System.Runtime.CompilerServices;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Tests.Hosting;

/// <summary>Nearly every test makes accounts and signs in; at the real price of a password that was a third of the run.</summary>
internal static class CheapPasswords
{
    [ModuleInitializer]
    public static void Set() => Passwords.Iterations = 1;
}
