using Alidade.Server.MLflow.Models;
using Alidade.Server.MLflow.Runs;
using Alidade.Server.MLflow.Traces;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Artifacts;

/// <summary>Runs, logged models and traces keep files, each under its id.</summary>
internal static class FileOwner
{
    public static string RequireToRead(ISession s, Caller caller, string id) =>
        IsModel(id) ? LoggedModelFace.Get(s, caller, id).Id
        : IsTrace(id) ? TraceFace.Get(s, caller, id).Id
        : RunReader.Get(s, caller, id).Id;

    public static string RequireToChange(ISession s, Caller caller, string id) =>
        IsModel(id) ? LoggedModelFace.GetToChange(s, caller, id).Id
        : IsTrace(id) ? TraceFace.GetToChange(s, caller, id).Id
        : RunReader.GetActive(s, caller, id).Id;

    private static bool IsModel(string id) => id.StartsWith("m-", StringComparison.Ordinal);

    private static bool IsTrace(string id) => id.StartsWith("tr-", StringComparison.Ordinal);
}
