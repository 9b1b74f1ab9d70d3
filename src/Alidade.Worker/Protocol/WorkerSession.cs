using Alidade.Engine.Protocol;

namespace Alidade.Worker.Protocol;

/// <summary>A registration the server knows, and the secret that proves it.</summary>
internal sealed record WorkerSession(long Id, string Secret, Intervals Intervals);
