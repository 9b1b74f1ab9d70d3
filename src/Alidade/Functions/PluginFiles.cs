using Alidade.Client;

namespace Alidade.Functions;

/// <summary>Compares what the server has with what it would be given.</summary>
internal static class PluginFiles
{
    public static bool Same(PluginFile file, PluginFileContent content) =>
        file.Contents == content.Contents
        && Same(file.Tasks.Functions, content.Tasks.Functions, Same)
        && Same(file.Tasks.Artifacts, content.Tasks.Artifacts, Same);

    private static bool Same(FunctionTask a, FunctionTaskContent b) =>
        a.Name == b.Name && Same(a.InputParams, b.InputParams, Same) && Same(a.OutputParams, b.OutputParams, Same);

    private static bool Same(ArtifactTask a, ArtifactTaskContent b) =>
        a.Name == b.Name && Same(a.OutputParams, b.OutputParams, Same);

    private static bool Same(TaskInput a, TaskInputContent b) =>
        a.Name == b.Name && a.ParameterType.Id == b.ParameterType && a.Required == b.Required;

    private static bool Same(TaskOutput a, TaskOutputContent b) =>
        a.Name == b.Name && a.ParameterType.Id == b.ParameterType;

    private static bool Same<TA, TB>(IReadOnlyList<TA> a, IReadOnlyList<TB> b, Func<TA, TB, bool> same) =>
        a.Count == b.Count && a.Zip(b).All(pair => same(pair.First, pair.Second));
}
