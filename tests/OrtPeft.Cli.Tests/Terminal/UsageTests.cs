namespace OrtPeft.Tests;

sealed class UsageTests
{
    [TestCase("tran", "There is no verb 'tran'; did you mean 'train'?")]
    [TestCase("frobnicate", "There is no verb 'frobnicate'.")]
    [TestCase("--quiet", "There is no verb '--quiet'.")]
    [TestCase("train --modle x", "train has no option '--modle'; did you mean '--model'?")]
    [TestCase("cache --epochs 3", "cache has no option '--epochs'.")]
    [TestCase("inspect a b", "inspect has no place for 'b'.")]
    [TestCase("eval", "eval needs ADAPTER and --data.")]
    [TestCase("train --model m", "train needs --train and --out.")]
    [TestCase("train --model m --train t --out o --epochs many", "--epochs is 'many'; expected a whole number.")]
    [TestCase("train --model m --train t --out o --epochs 1.5", "--epochs is '1.5'; expected a whole number.")]
    [TestCase("train --model m --train t --out o --learning-rate 1,5", "--learning-rate is '1,5'; expected a number such as 0.001.")]
    [TestCase("train --model m --train t --out o --seed 1 --seed 2", "--seed is given 2 times")]
    [TestCase("train --model m --train t --out o --dtype int4", "--dtype is 'int4'; expected")]
    [TestCase("train --model m --train t --out", "--out needs a value.")]
    [TestCase("cache --model m --data d --config", "--config needs a file")]
    [TestCase("cache prune features --unused-for 30x", "--unused-for is '30x'; expected a time such as 30d or 12h. `ortpeft cache prune --help` lists what there is.")]
    [TestCase("bench fast", "There is no benchmark 'fast'; there are caching, ")]
    [TestCase("bench caching --only epoch", "bench is given two names, 'caching' and 'epoch'.")]
    [TestCase("demo --full --max-length 32", "--full means --max-length 128. Give one of the two.")]
    [TestCase("demo --mails 3", "--mails is 3; expected at least 40.")]
    public void A_slip_is_answered_in_one_sentence(string typed, string answer) => Ortpeft.Run(".", typed.Split(' ')).Refused(answer);

    [TestCase("predict adapter", "nothing to answer for")]
    [TestCase("predict adapter --text a --data test.jsonl", "not for several of them")]
    [TestCase("predict adapter --text a --id key", "--id names a column of --data")]
    [TestCase("predict adapter --data test.jsonl --out tiny-bert", "'tiny-bert': it is a folder; name a file.")]
    [TestCase("eval adapter --data test.jsonl --require accuracy", "'accuracy' is not a condition; expected a metric, a comparison")]
    [TestCase("eval adapter --data test.jsonl --require f1>=0.5", "There is no metric 'f1' for the task classification; expected accuracy or macroF1.")]
    [TestCase("eval adapter --data test.jsonl --provider cuda", "Execution provider 'cuda' is not in this ONNX Runtime")]
    [TestCase("predict adapter --text a --provider directml", "Execution provider 'directml' is not in this ONNX Runtime")]
    [TestCase("cache --model tiny-bert --data test.jsonl --max-length 16 --provider openvino", "Execution provider 'openvino' is not in this ONNX Runtime")]
    [TestCase("train --model tiny-bert --train test.jsonl --out elsewhere --max-length 16 --provider cuda", "Execution provider 'cuda' is not in this ONNX Runtime")]
    [TestCase("bench caching --provider cuda", "Execution provider 'cuda' is not in this ONNX Runtime")]
    [TestCase("eval adapter --data test.jsonl --provider gpu", "--provider is 'gpu'; expected auto, cuda, directml, openvino, qnn, migraphx, coreml, webgpu, xnnpack, cpu.")]
    [TestCase("eval adapter --data test.jsonl --device 1", "--device is 1; provider cpu has 1 here, counted from 0.")]
    [TestCase("eval adapter --data test.jsonl --device 0;1", "--device is '0;1'; expected numbers from 0 with commas between, such as 0,1.")]
    [TestCase("eval adapter --data test.jsonl --provider-option spin=true", "Provider 'cpu' has no option 'spin'; its options are spinning, arena, frozen.")]
    [TestCase("predict adapter --text a --compiled nowhere", "--compiled: folder 'nowhere' does not exist. `ortpeft compile` writes one.")]
    [TestCase("inspect", "inspect needs MODEL, or --devices.")]
    [TestCase("eval adapter --data test.jsonl --threads -1", "--threads is -1; expected 0 (one a core) to 1024.")]
    public void Options_that_do_not_fit_are_refused(string typed, string answer) => FinishedTraining.Place.Run(typed.Split(' ')).Refused(answer);

    [TestCase("--method magic", "Unknown method 'magic'; this version has linear-probe, mlp, ")]
    [TestCase("--set layers", "--set 'layers' is not option=value; its options are pooling, layers.")]
    [TestCase("--set width=2", "Method 'linear-probe' has no option 'width'; its options are pooling, layers.")]
    [TestCase("--set pooling=sum", "Option pooling of method 'linear-probe' is \"sum\"; expected mean or cls or max or attention or pooler or pooler-gelu or pooler-relu or pooler-norm or pooler-norm-mean.")]
    [TestCase("--method y-tuning --set layers=two", "Option layers of method 'y-tuning' is \"two\"; expected a whole number.")]
    [TestCase("--method y-tuning --set layers=0", "Y-Tuning: layers is 0; expected 1 to 64.")]
    [TestCase("--method y-tuning --set heads=5", "heads is 5; expected a divisor of the backbone's width 32.")]
    [TestCase("--max-length 100", "--max-length is 100; 'tiny-bert' takes 3 to 32 tokens.")]
    [TestCase("--batch-size 0", "--batch-size is 0; expected 1 to 65536.")]
    [TestCase("--learning-rate NaN", "--learning-rate is NaN")]
    [TestCase("--schedule steep", "--schedule is 'steep'; expected linear, cosine, constant, polynomial, one-cycle, plateau.")]
    [TestCase("--optimizer tiger", "--optimizer is 'tiger'; expected adamw, adam, sgd, momentum, nesterov, adafactor, lamb, lion.")]
    [TestCase("--select-by luck", "--select-by is 'luck'; expected accuracy or macroF1.")]
    public void Training_options_are_checked_before_anything_is_written(string options, string answer)
    {
        var added = options.Split(' ');
        var place = FinishedTraining.Place;
        place.Run([.. Workplace.TrainWith([.. added, "--out", "elsewhere"])]).Refused(answer);
        Assert.That(Directory.Exists(place["elsewhere"]), Is.False);
    }
}
