// Tests are processes in folders of their own; two at a time keep a small machine busy and no more.
[assembly: Parallelizable(ParallelScope.All)]
[assembly: LevelOfParallelism(2)]
