using System.Reflection;
using Alidade.Server.Tests.Hosting;
using Xunit.Sdk;
using Xunit.v3;

namespace Alidade.Conformance.Tests;

/// <summary>
/// What a real Dioptra server answered, this server answers. Each area of its API is a class of its own, so that areas
/// run side by side.
/// </summary>
public abstract class DioptraTests
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    /// <summary>A conversation that is listed as missing and passes fails its test: the list can only shrink.</summary>
    [Theory, RecordedArea]
    public async Task Answers_as_recorded(string area, string test)
    {
        var failure = await FailureAsync(Recordings.Of(area).Single(c => c.Test == test));
        if (Recordings.NotYet.Contains(test))
        {
            Assert.True(failure is not null, $"{test} passes: take it out of Dioptra/not-yet.txt.");
        }
        else
        {
            Assert.True(failure is null, $"{test}: {failure}");
        }
    }

    private static async Task<string?> FailureAsync(Conversation conversation)
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var player = new Player(server.Address);
        try
        {
            await player.PlayAsync(conversation, Limit);
            return null;
        }
        catch (Mismatch m)
        {
            return m.Message;
        }
    }
}

public sealed class Artifact : DioptraTests;

public sealed class Entrypoint : DioptraTests;

public sealed class EntrypointValidation : DioptraTests;

public sealed class Experiment : DioptraTests;

public sealed class Job : DioptraTests;

public sealed class Model : DioptraTests;

public sealed class Plugin : DioptraTests;

public sealed class PluginParameterType : DioptraTests;

public sealed class Queue : DioptraTests;

public sealed class ResourceImport : DioptraTests;

public sealed class Tag : DioptraTests;

public sealed class User : DioptraTests;

public sealed class RecordingTests
{
    [Fact]
    public void Every_area_is_played() =>
        Assert.Equal(
            Recordings.Areas.Order(StringComparer.Ordinal),
            typeof(DioptraTests)
                .Assembly.GetTypes()
                .Where(t => t.IsSubclassOf(typeof(DioptraTests)))
                .Select(RecordedAreaAttribute.AreaOf)
                .Order(StringComparer.Ordinal)
        );

    [Fact]
    public void What_is_listed_as_missing_was_recorded() =>
        Assert.Empty(Recordings.NotYet.Except(Recordings.Areas.SelectMany(Recordings.Of).Select(c => c.Test)));
}

/// <summary>The conversations of the area that the test's class is named after.</summary>
public sealed class RecordedAreaAttribute : DataAttribute
{
    public static string AreaOf(Type type) =>
        string.Concat(type.Name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{c}" : $"{c}")).ToLowerInvariant();

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod,
        DisposalTracker disposalTracker
    )
    {
        var area = AreaOf(testMethod.ReflectedType!);
        return new(Recordings.Of(area).Select(c => new TheoryDataRow<string, string>(area, c.Test)).ToList());
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
