using System.Reflection;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Input;
using Microsoft.AspNetCore.Http.Metadata;

namespace Alidade.Server.MLflow.Runs;

/// <summary>As <see cref="Proto{T}"/>, quicker where a batch is written as clients write it.</summary>
public sealed record LogBatchBody(LogBatch Value) : IEndpointParameterMetadataProvider
{
    /// <summary>Called by the framework for each request.</summary>
    public static async ValueTask<LogBatchBody> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        using var body = await ProtoBody.ReceiveAsync(context);
        return new LogBatchBody(LogBatchReader.TryRead(body.Bytes.Span) ?? ProtoBody.Read<LogBatch>(body.Bytes));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyMetadata(typeof(LogBatch)));
}
