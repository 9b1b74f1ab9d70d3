namespace Alidade.Worker.Tests.Fakes;

/// <summary>What the server does wrong to one request.</summary>
public enum Fault
{
    /// <summary>Answers 500 and changes nothing.</summary>
    Error,

    /// <summary>Breaks the connection and changes nothing.</summary>
    Reset,

    /// <summary>Does what was asked and breaks the connection before the answer.</summary>
    LostReply,

    /// <summary>Forgets the session.</summary>
    Gone,

    /// <summary>Answers 409: the attempt belongs to another.</summary>
    Stale,
}
