using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>Routes as MLflow serves them: once for programs, and once more under the prefix of its web pages.</summary>
/// <param name="version">Of the protocol, in the path.</param>
internal sealed class MlflowRoutes(IEndpointRouteBuilder routes, string version = "2.0")
{
    private readonly string[] _prefixes = [$"/api/{version}/mlflow", $"/ajax-api/{version}/mlflow"];

    public void Get(string path, string summary, Delegate handler) =>
        Map(HttpMethods.Get, path, summary, handler, Access.SeeTracked);

    /// <summary>A search, whose filter may be too long for a query.</summary>
    public void PostToRead(string path, string summary, Delegate handler) =>
        Map(HttpMethods.Post, path, summary, handler, Access.SeeTracked);

    public void Post(string path, string summary, Delegate handler) =>
        Map(HttpMethods.Post, path, summary, handler, Access.Track);

    /// <summary>What scripts do at each step.</summary>
    public void PostOften(string path, string summary, Delegate handler) =>
        Map(HttpMethods.Post, path, summary, handler, Access.Track, often: true);

    public void Patch(string path, string summary, Delegate handler) =>
        Map(HttpMethods.Patch, path, summary, handler, Access.Track);

    public void Delete(string path, string summary, Delegate handler) =>
        Map(HttpMethods.Delete, path, summary, handler, Access.Track);

    /// <summary>Changes what others use too: for people and programs, not for running jobs.</summary>
    public void PostToManage(string path, string summary, Delegate handler) =>
        Map(HttpMethods.Post, path, summary, handler, Access.Track, forJobs: false);

    public void DeleteToManage(string path, string summary, Delegate handler) =>
        Map(HttpMethods.Delete, path, summary, handler, Access.Track, forJobs: false);

    private void Map(
        string method,
        string path,
        string summary,
        Delegate handler,
        Access access,
        bool forJobs = true,
        bool often = false
    )
    {
        foreach (var prefix in _prefixes)
        {
            var route = LazyRoutes
                .Map(routes, prefix + path, handler, method)
                .WithTags("mlflow")
                .WithSummary(summary)
                .Needs(access);
            if (forJobs)
            {
                route.OpensToAttempts();
            }

            if (often)
            {
                route.IsCalledOften();
            }

            if (prefix != _prefixes[0])
            {
                route.ExcludeFromDescription();
            }
        }
    }
}
