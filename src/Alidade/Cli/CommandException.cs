namespace Alidade.Cli;

/// <summary>A command cannot go on; the message says why and what to do, and is all the user sees.</summary>
internal sealed class CommandException(string message) : Exception(message);
