using System.Text;
using System.Text.Json;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Runs;

namespace Alidade.Server.Tests.MLflow;

/// <summary>The quick reader of batches reads as the reader of all messages does, or leaves the batch to it.</summary>
public sealed class LogBatchReaderTests
{
    private const string Point = """{"key":"loss","value":0.5,"timestamp":7,"step":3}""";

    [Theory]
    [InlineData("""{"run_id":"r","metrics":[]}""")]
    [InlineData("""{"metrics":[{"key":"loss","value":0.5,"timestamp":7,"step":3}],"run_id":"r"}""")]
    [InlineData(
        """ { "run_id" : "r" , "metrics" : [ { "step": -1, "timestamp": 0, "value": -1e-9, "key": "a/b c" } ] } """
    )]
    [InlineData("""{"run_id":"r","metrics":[{"key":"k","value":"NaN","timestamp":9223372036854775807}]}""")]
    [InlineData("""{"run_id":"r","metrics":[{"key":"k","value":"-Infinity","timestamp":1,"model_id":"m-1"}]}""")]
    [InlineData("""{"run_id":"r","metrics":[{"key":"ключ","value":"Infinity","timestamp":1,"model_id":""}]}""")]
    public void What_clients_write_is_read_at_once(string json)
    {
        Assert.Equal(Shown(Slow(json)), Shown(LogBatchReader.TryRead(Encoding.UTF8.GetBytes(json))!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"run_id":"","metrics":[]}""")]
    [InlineData("""{"run_id":"r"}""")]
    [InlineData("""{"run_id":"r","metrics":null}""")]
    [InlineData("""{"run_id":"r","metrics":{}}""")]
    [InlineData("""{"run_id":"r","metrics":[],"params":[{"key":"p","value":"1"}]}""")]
    [InlineData("""{"run_id":"r","metrics":[],"run_id":"s"}""")]
    [InlineData("""{"run_id":"r","metrics":[1]}""")]
    [InlineData("""{"run_id":"r","metrics":[]} x""")]
    [InlineData("""{"run_id":"r","metrics":[]}{}""")]
    [InlineData("""{"run_id":"r","metrics":[{"key":"k","value":1,"timestamp":1},]}""")]
    [InlineData("""{"run_id":"r","metrics":[{"key":"k","value":1,"timestamp":1}""")]
    [InlineData("""{"run_id":"\u0000","metrics":[]}""")]
    [InlineData("""{"metrics":[{"key":5,"run_id":"s","metrics":[]}],"run_id":"r"}""")]
    public void The_rest_is_left_alone(string json) =>
        Assert.Null(LogBatchReader.TryRead(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("\"key\":\"loss\"", "\"key\":\"\"")]
    [InlineData("\"key\":\"loss\"", "\"key\":null")]
    [InlineData("\"key\":\"loss\"", "\"key\":\"\\ud800\"")]
    [InlineData("\"key\":\"loss\",", "")]
    [InlineData("0.5", "\"0.5\"")]
    [InlineData("0.5", "1e999")]
    [InlineData("0.5", "true")]
    [InlineData("0.5", "0.5,\"value\":1")]
    [InlineData("\"timestamp\":7", "\"timestamp\":\"7\"")]
    [InlineData("\"timestamp\":7", "\"timestamp\":7.0")]
    [InlineData("\"timestamp\":7", "\"timestamp\":9223372036854775808")]
    [InlineData("\"step\":3", "\"step\":null")]
    [InlineData("\"step\":3", "\"step\":3,\"unknown\":{}")]
    public void A_point_written_otherwise_is_left_alone(string usual, string other)
    {
        var json = $$"""{"run_id":"r","metrics":[{{Point.Replace(usual, other, StringComparison.Ordinal)}}]}""";
        Assert.Null(LogBatchReader.TryRead(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void A_name_that_is_no_text_is_left_alone()
    {
        byte[] json =
        [
            .. """{"run_id":"r","metrics":[{"key":"""u8,
            (byte)'"',
            0xFF,
            (byte)'"',
            .. ""","value":1,"timestamp":1}]}"""u8,
        ];
        Assert.Null(LogBatchReader.TryRead(json));
    }

    private static LogBatch Slow(string json) => ProtoBody.Read<LogBatch>(Encoding.UTF8.GetBytes(json));

    private static string Shown(LogBatch batch) => JsonSerializer.Serialize(batch, Options);

    private static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
