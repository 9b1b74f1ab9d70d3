using System.Collections;
using System.Globalization;
using System.Reflection;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Server.Configuration;

/// <summary>Reads options from their three sources and reports every wrong or unknown key at once.</summary>
public sealed class OptionsReader
{
    private const string Prefix = "ALIDADE__";

    private readonly SortedDictionary<string, (object Value, string Source)> _settings = new(
        StringComparer.OrdinalIgnoreCase
    );
    private readonly List<string> _errors = [];

    /// <summary>Takes the settings of a YAML file; a file that was not asked for by name need not exist.</summary>
    public OptionsReader AddFile(string path, bool required)
    {
        if (!File.Exists(path))
        {
            if (required)
            {
                _errors.Add($"{path}: there is no such file.");
            }

            return this;
        }

        var document = YamlReader.Read(File.ReadAllText(path), path);
        foreach (var issue in document.Issues)
        {
            _errors.Add(issue.ToString());
        }

        if (document.Root is { } root)
        {
            Flatten("", root, path);
        }

        return this;
    }

    /// <summary>Takes <c>ALIDADE__SECTION__KEY</c> from the environment.</summary>
    public OptionsReader AddEnvironment(IDictionary environment)
    {
        foreach (DictionaryEntry entry in environment)
        {
            if (entry.Key is string key && key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                _settings[key[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal)] = (
                    (string)entry.Value!,
                    key
                );
            }
        }

        return this;
    }

    /// <summary>Takes a flag that was given; null was not.</summary>
    public OptionsReader AddFlag(string key, object? value, string flag)
    {
        if (value is not null)
        {
            _settings[key] = (value, flag);
        }

        return this;
    }

    /// <exception cref="OptionsException">Names every key that is wrong.</exception>
    public ServerOptions Read()
    {
        var options = (ServerOptions)Bind(typeof(ServerOptions), "");
        foreach (var (key, (_, source)) in _settings)
        {
            _errors.Add($"{source}: {key} is no setting. `alidade config` lists them all.");
        }

        Check(options);
        return _errors.Count == 0 ? options : throw new OptionsException(_errors);
    }

    private void Check(ServerOptions options)
    {
        OneOf("registration", options.Registration, "first", "open", "closed");
        OneOf("tracking", options.Tracking, "token", "anonymous");
        Between("http:port", options.Http.Port, 0, 65535);
        Between("workers", options.Workers, 0, 1);
        Between("trash:keepDays", options.Trash.KeepDays, 0, 36_500);
        Between("trash:graceHours", options.Trash.GraceHours, 1, 8760);
        Between("trash:uploadHours", options.Trash.UploadHours, 1, 8760);
        Between("limits:metricsOfRun", options.Limits.MetricsOfRun, 1, 10_000_000);
        Between("limits:recordsOfAttempt", options.Limits.RecordsOfAttempt, 1, 10_000_000);
        Between("limits:uploadsOfUser", options.Limits.UploadsOfUser, 1, 1_000_000);
        Between("worker:slots", options.Worker.Slots, 0, 1024);
        if (options.Http.Host != "localhost" && !System.Net.IPAddress.TryParse(options.Http.Host, out _))
        {
            _errors.Add(
                $"http:host: '{options.Http.Host}' is no IP address of this machine. Use localhost, an address, or 0.0.0.0 "
                    + "for all of them."
            );
        }

        foreach (var proxy in options.Http.TrustedProxies.Where(p => !System.Net.IPAddress.TryParse(p, out _)))
        {
            _errors.Add($"http:trustedProxies: '{proxy}' is no IP address.");
        }

        if (options.Tracking == "anonymous" && !options.Http.IsPrivate)
        {
            var why = options.Http.IsLoopback ? "behind a proxy" : $"on {options.Http.Host}";
            _errors.Add($"tracking: anonymous is only possible on loopback, not {why}. Use token.");
        }
    }

    private void OneOf(string key, string value, params string[] allowed)
    {
        if (!allowed.Contains(value))
        {
            _errors.Add($"{key}: '{value}' is not one of {string.Join(", ", allowed)}.");
        }
    }

    private void Between(string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            _errors.Add($"{key}: {value} is not between {least} and {most}.");
        }
    }

    private object Bind(Type type, string path)
    {
        var result = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties().Where(p => p.CanWrite))
        {
            var key = path + property.Name;
            if (property.PropertyType.Namespace == type.Namespace)
            {
                property.SetValue(result, Bind(property.PropertyType, key + ":"));
            }
            else if (_settings.Remove(key, out var setting))
            {
                Set(result, property, key, setting);
            }
        }

        return result;
    }

    private void Set(object target, PropertyInfo property, string key, (object Value, string Source) setting)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        try
        {
            property.SetValue(target, Convert(setting.Value, type));
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException)
        {
            var wanted =
                type == typeof(int) ? "a whole number"
                : type == typeof(bool) ? "true or false"
                : "a text";
            _errors.Add($"{setting.Source}: {key} must be {wanted}, not '{setting.Value}'.");
        }
    }

    private static object Convert(object value, Type type) =>
        type == typeof(IReadOnlyList<string>)
            ? value as IReadOnlyList<string>
                ?? value.ToString()!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : System.Convert.ChangeType(value, type, CultureInfo.InvariantCulture);

    private void Flatten(string path, Node node, string source)
    {
        switch (node)
        {
            case MappingNode map:
                foreach (var (key, value) in map.Entries)
                {
                    Flatten(path.Length == 0 ? Text(key.Value) : $"{path}:{Text(key.Value)}", value, source);
                }

                break;
            case SequenceNode list:
                _settings[path] = (list.Items.Select(i => Text(i.ToValue())).ToList(), source);
                break;
            default:
                _settings[path] = (Text(node.ToValue()), source);
                break;
        }
    }

    private static string Text(Value value) =>
        value switch
        {
            StringValue text => text.Text,
            IntegerValue integer => integer.Number.ToString(CultureInfo.InvariantCulture),
            FloatValue real => real.Number.ToString(CultureInfo.InvariantCulture),
            BooleanValue flag => flag.Flag ? "true" : "false",
            _ => "",
        };
}

/// <summary>The settings cannot be used; the message names every reason.</summary>
public sealed class OptionsException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
