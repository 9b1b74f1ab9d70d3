using System.Text.Json;
using System.Text.Json.Serialization;
using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Alidade.Worker.Environments;
using Alidade.Worker.Processes;
using Alidade.Worker.Relay;

namespace Alidade.Worker.Protocol;

/// <summary>All JSON the agent reads and writes, prepared at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(SessionReply))]
[JsonSerializable(typeof(ClaimRequest))]
[JsonSerializable(typeof(ClaimReply))]
[JsonSerializable(typeof(RenewRequest))]
[JsonSerializable(typeof(RenewReply))]
[JsonSerializable(typeof(EventsReply))]
[JsonSerializable(typeof(FinishRequest))]
[JsonSerializable(typeof(FinishReply))]
[JsonSerializable(typeof(AttemptTokenReply))]
[JsonSerializable(typeof(SecretsReply))]
[JsonSerializable(typeof(RelayAnswer))]
[JsonSerializable(typeof(TokenReply))]
[JsonSerializable(typeof(WorkerRefusal))]
[JsonSerializable(typeof(AttemptFile))]
[JsonSerializable(typeof(SupervisorFile))]
[JsonSerializable(typeof(ExitFile))]
[JsonSerializable(typeof(LogEvent))]
[JsonSerializable(typeof(ArtifactEvent))]
[JsonSerializable(typeof(MadeEnvironment))]
[JsonSerializable(typeof(TemplateReady))]
[JsonSerializable(typeof(LaunchRequest))]
[JsonSerializable(typeof(LaunchReply))]
internal sealed partial class WorkerJson : JsonSerializerContext;
