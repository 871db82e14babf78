# Counts and rearranges the words of a text: hashes, arrays, strings, regular expressions.
use strict;
use warnings;

my ($file) = @ARGV;
my (%count, %after, %lines);
my $previous = '';
open my $in, '<', $file or die "$file: $!\n";
while (my $line = <$in>) {
    my @words = $line =~ /(\w+)/g;
    push @{ $lines{ scalar @words } }, join ' ', reverse @words;
    for my $word (@words) {
        ++$count{$word};
        ++$after{$previous}{$word};
        $previous = $word;
    }
}
my @common = (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0 .. 99];
my $pairs = 0;
$pairs += keys %{ $after{$_} } for @common;
my $length = 0;
for my $lines (values %lines) {
    s/(\w)(\w*)/\U$1\E$2/g for @$lines;
    $length += length for @$lines;
}
print "words: ", scalar(keys %count), " $pairs $length\n";
