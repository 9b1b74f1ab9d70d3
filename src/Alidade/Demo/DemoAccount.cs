using System.Net;
using System.Security.Cryptography;
using Alidade.Cli;
using Alidade.Client;

namespace Alidade.Demo;

/// <summary>The user the demo acts as. Its password is drawn once and kept in the data folder for the next run.</summary>
internal static class DemoAccount
{
    private const string Username = "demo";

    public static async Task<CurrentUser> SignInAsync(
        AlidadeClient client,
        string dataFolder,
        CancellationToken cancellation
    )
    {
        var file = Path.Combine(dataFolder, "demo-password");
        if (!File.Exists(file))
        {
            PrivateFile.Write(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        }

        var password = (await File.ReadAllTextAsync(file, cancellation)).Trim();
        try
        {
            await client.Users.SignInAsync(Username, password, cancellation);
        }
        catch (ApiException problem) when (problem.Status == HttpStatusCode.Unauthorized)
        {
            await RegisterAsync(client, password, dataFolder, cancellation);
            await client.Users.SignInAsync(Username, password, cancellation);
        }

        return await client.Users.CurrentAsync(cancellation);
    }

    private static async Task RegisterAsync(
        AlidadeClient client,
        string password,
        string dataFolder,
        CancellationToken cancellation
    )
    {
        try
        {
            await client.Users.RegisterAsync(Username, "demo@localhost", password, cancellation);
        }
        catch (ApiException problem) when (problem.Status is HttpStatusCode.Forbidden or HttpStatusCode.Conflict)
        {
            throw new CommandException(
                $"The data in {dataFolder} belongs to other accounts, and the demo wants to make its own. "
                    + "Give it a folder of its own with --data DIR."
            );
        }
    }
}
