using System.Text.Json;
using Alidade.Client;

namespace Alidade.Cli;

/// <summary>What <c>alidade login</c> keeps: credentials by server, in one file that only its owner can read.</summary>
internal sealed class CredentialStore(string folder)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _file = Path.Combine(folder, "credentials.json");

    /// <summary>The store of this user: <c>$XDG_CONFIG_HOME/alidade</c>, or <c>~/.config/alidade</c>.</summary>
    public static CredentialStore OfUser()
    {
        var home = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        var config = string.IsNullOrEmpty(home)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config")
            : home;
        return new CredentialStore(Path.Combine(config, "alidade"));
    }

    public Credentials? Find(Uri server) => Read().GetValueOrDefault(Key(server));

    /// <summary>The server signed in to, when there is exactly one: nothing else can be meant.</summary>
    public Uri? OnlyServer()
    {
        var known = Read();
        return known.Count == 1 ? new Uri(known.Keys.Single()) : null;
    }

    public void Keep(Uri server, Credentials credentials)
    {
        var all = Read();
        all[Key(server)] = credentials;
        Write(all);
    }

    public bool Forget(Uri server)
    {
        var all = Read();
        var known = all.Remove(Key(server));
        if (known)
        {
            Write(all);
        }

        return known;
    }

    private static string Key(Uri server) => server.GetLeftPart(UriPartial.Authority);

    private Dictionary<string, Credentials> Read()
    {
        if (!File.Exists(_file))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Credentials>>(File.ReadAllText(_file), Json) ?? [];
        }
        catch (JsonException problem)
        {
            throw new CommandException($"{_file} is damaged ({problem.Message}). Delete it and sign in again.");
        }
    }

    /// <summary>Through a new file of mode 0600 and a rename: never readable by others, never half written.</summary>
    private void Write(Dictionary<string, Credentials> all)
    {
        PrivateFile.CreateFolder(folder);
        PrivateFile.Write(_file, JsonSerializer.Serialize(all, Json));
    }
}
