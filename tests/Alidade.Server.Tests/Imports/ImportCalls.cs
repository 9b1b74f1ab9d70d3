using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Alidade.Server.Tests.Imports;

/// <summary>A small source of resources, and the ways to send it.</summary>
internal static class ImportCalls
{
    public const string Config = """
        [[plugin_param_types]]
        name = "message"
        description = "What is said."
        structure = { list = "string" }

        [[plugins]]
        path = "plugins/hello"
        description = "Says hello."

          [[plugins.tasks.functions]]
          filename = "tasks.py"
          name = "hello"
          input_params = [ { name = "name", type = "string", required = true } ]
          output_params = [ { name = "greeting", type = "message" } ]

          [[plugins.tasks.artifacts]]
          filename = "sub/artifacts.py"
          name = "TextTask"
          output_params = [ { name = "text", type = "string" } ]

        [[entrypoints]]
        path = "entrypoints/hello.yaml"
        name = "Hello"
        params = [ { name = "name", type = "string", default_value = "World" }, { name = "n", type = "integer", default_value = 3 } ]
        artifact_params = [ { name = "before", output_params = [ { name = "text", type = "string" } ] } ]
        plugins = [ "hello" ]
        artifact_plugins = [ "hello" ]
        """;

    public const string Graph = """
        # Says hello.
        graph:
          zebra:  # first
            hello:
              name: $name
          ant:
            hello: [ "no" ]
        artifacts:
          said:
            contents: $zebra
            task:
              name: text
        """;

    public static Dictionary<string, string> Source(string? config = null) =>
        new()
        {
            ["dioptra.toml"] = config ?? Config,
            ["plugins/hello/tasks.py"] = "def hello(name): return name\n",
            ["plugins/hello/__init__.py"] = "",
            ["plugins/hello/sub/artifacts.py"] = "class TextTask: ...\n",
            ["plugins/hello/notes.txt"] = "no code",
            ["entrypoints/hello.yaml"] = Graph,
        };

    public static async Task<JsonNode> ImportAsync(
        this HttpClient client,
        IEnumerable<KeyValuePair<string, string>> files,
        string? strategy = null,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        using var form = Form("upload_files", strategy);
        foreach (var (path, text) in files)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "files", path);
        }

        return await client.SendFormAsync(form, expected);
    }

    public static async Task<JsonNode> ImportArchiveAsync(
        this HttpClient client,
        byte[] archive,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        using var form = Form("upload_archive", null);
        form.Add(new ByteArrayContent(archive), "archiveFile", "resources.tar.gz");
        return await client.SendFormAsync(form, expected);
    }

    public static async Task<JsonNode> SendFormAsync(this HttpClient client, HttpContent form, HttpStatusCode expected)
    {
        using var response = await client.PostAsync("/api/v1/workflows/resourceImport", form);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    public static MultipartFormDataContent Form(string sourceType, string? strategy)
    {
        var form = new MultipartFormDataContent
        {
            { new StringContent("1"), "group" },
            { new StringContent(sourceType), "sourceType" },
        };
        if (strategy is not null)
        {
            form.Add(new StringContent(strategy), "resolveNameConflictsStrategy");
        }

        return form;
    }

    public static byte[] Tar(IEnumerable<KeyValuePair<string, string>> files, params TarEntry[] more)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                writer.WriteEntry(
                    new PaxTarEntry(TarEntryType.RegularFile, path)
                    {
                        DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                    }
                );
            }

            foreach (var entry in more)
            {
                writer.WriteEntry(entry);
            }
        }

        return archive.ToArray();
    }

    public static byte[] GZip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    public static byte[] Zip(IEnumerable<KeyValuePair<string, string>> files, Action<ZipArchiveEntry>? change = null)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                var entry = zip.CreateEntry(path);
                change?.Invoke(entry);
                using var writer = new StreamWriter(entry.Open());
                writer.Write(text);
            }
        }

        return packed.ToArray();
    }

    public static string Reason(this JsonNode answer) => answer["detail"]!["reason"]!.GetValue<string>();

    public static string Error(this JsonNode answer) => answer["error"]!.GetValue<string>();
}
