using Alidade.Server.Jobs;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Pages.Jump;

/// <summary>Finds what a caller may see by name or number: jobs, runs, all that is versioned, and pages.</summary>
internal sealed class JumpFinder(Stores stores, JobService jobs, TrackedRunService runs)
{
    private const int MostOfKind = 5;

    private static readonly (ResourceKind Kind, string Icon, string Word, string Path)[] Kinds =
    [
        (ResourceKind.Experiment, "flask", "experiment", "experiments"),
        (ResourceKind.Entrypoint, "sitemap", "entrypoint", "entrypoints"),
        (ResourceKind.Plugin, "plug", "plugin", "plugins"),
        (ResourceKind.Model, "cube", "model", "models"),
        (ResourceKind.Queue, "server-2", "queue", "queues"),
    ];

    private static readonly Found[] Places =
    [
        Place("Home", "home", "/"),
        Place("Experiments", "flask", "/experiments"),
        Place("Jobs", "player-play", "/jobs"),
        Place("Entrypoints", "sitemap", "/entrypoints"),
        Place("Plugins", "plug", "/plugins"),
        Place("Artifacts", "file-text", "/artifacts"),
        Place("Models", "cube", "/models"),
        Place("Queues and workers", "server-2", "/queues"),
        Place("Secrets", "key", "/secrets"),
        Place("Trash", "trash", "/trash"),
        Place("Account, groups and tokens", "user", "/account"),
        Place("Connect a script", "terminal-2", "/connect"),
        Place("New experiment", "plus", "/experiments/new"),
    ];

    /// <summary>Of each kind a few; those whose names begin with the first word come first.</summary>
    public async Task<IReadOnlyList<Found>> FindAsync(Caller caller, SearchWords words, CancellationToken cancellation)
    {
        if (words.AreNone)
        {
            return Places;
        }

        IEnumerable<Found> found =
        [
            .. await JobsAsync(caller, words, cancellation),
            .. (await runs.NamedAsync(caller, words.All, MostOfKind, cancellation)).Select(Of),
            .. await stores.Core.ReadAsync(
                s => Kinds.SelectMany(of => Resources(s, caller, words, of)).ToList(),
                cancellation
            ),
            .. Places.Where(place => words.Match(place.Title)),
        ];
        return [.. found.OrderBy(one => words.Begin(one.Title) ? 0 : 1)];
    }

    /// <summary>The job of that number, and the newest whose description has the words.</summary>
    private async Task<IEnumerable<Found>> JobsAsync(Caller caller, SearchWords words, CancellationToken cancellation)
    {
        var listing = new Listing(words.Search("description"), SortBy: "id", Descending: true, PageLength: MostOfKind);
        var named = (await jobs.ListAsync(caller, listing, cancellation)).Data.Select(Of);
        return await NumberedAsync(caller, words, cancellation) is { } job ? named.Prepend(Of(job)) : named;
    }

    private async Task<JobView?> NumberedAsync(Caller caller, SearchWords words, CancellationToken cancellation)
    {
        if (words.All is not [var word] || !long.TryParse(word, out var id))
        {
            return null;
        }

        try
        {
            return await jobs.GetAsync(caller, id, cancellation);
        }
        catch (NotFoundException)
        {
            // A number may stand in names too.
            return null;
        }
    }

    private static IEnumerable<Found> Resources(
        ISession s,
        Caller caller,
        SearchWords words,
        (ResourceKind Kind, string Icon, string Word, string Path) of
    ) =>
        ResourceLists
            .Page(s, of.Kind, caller, new Listing(words.Search(of.Kind.NameField!), PageLength: MostOfKind))
            .Rows.Select(row => new Found(row.Name!, of.Word, $"/{of.Path}/{row.Id}") { Icon = of.Icon });

    private static Found Of(JobView view)
    {
        var job = JobItems.Of(view);
        var state = Status.OfJob(job.State);
        return new Found(
            $"{job.Id} {job.Name}",
            $"job in {job.Experiment.Name}, {state.Word.ToLowerInvariant()}",
            job.Address
        )
        {
            Shape = state.Shape,
        };
    }

    private static Found Of(RunSummaryView run)
    {
        var state = Status.OfJob(run.State);
        return new Found(run.Name, $"run in {run.ExperimentName}, {state.Word.ToLowerInvariant()}", $"/runs/{run.Id}")
        {
            Shape = state.Shape,
        };
    }

    private static Found Place(string title, string icon, string address) =>
        new(title, "page", address) { Icon = icon };
}
