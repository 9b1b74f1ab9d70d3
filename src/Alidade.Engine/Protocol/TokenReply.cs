namespace Alidade.Engine.Protocol;

/// <summary>What a worker token is for.</summary>
/// <param name="Queues">Names of queues its workers may serve; <c>*</c> matches within a name.</param>
/// <param name="DataFolders">Paths of the folders that workers of its pool are to show, by name.</param>
public sealed record TokenReply(
    string Name,
    IReadOnlyList<string> Queues,
    IReadOnlyDictionary<string, string>? DataFolders = null
);
