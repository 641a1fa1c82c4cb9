//! Prints every operator of Rust files: the file, line and column of the operator, those of the begin and end of the whole expression, and
//! 1 if nothing can be asked there when the program runs: a constant, or an expression that binds with `let`.

use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

struct Operators<'a> {
    file: &'a str,
    constant: usize,
}

/// Does an expression bind a name?
struct Binds(bool);

impl<'ast> Visit<'ast> for Binds {
    fn visit_expr_let(&mut self, _: &'ast syn::ExprLet) {
        self.0 = true;
    }
    fn visit_block(&mut self, _: &'ast syn::Block) {}
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
}

impl Operators<'_> {
    fn print(&self, operator: LineColumn, whole: proc_macro2::Span, fixed: bool) {
        let at = |p: LineColumn| format!("{} {}", p.line, p.column);
        let fixed = u8::from(fixed || self.constant > 0);
        println!("{} {} {} {} {fixed}", self.file, at(operator), at(whole.start()), at(whole.end()));
    }

    fn inside(&mut self, constant: bool, visit: impl FnOnce(&mut Self)) {
        self.constant += usize::from(constant);
        visit(self);
        self.constant -= usize::from(constant);
    }
}

impl<'ast> Visit<'ast> for Operators<'_> {
    fn visit_expr_binary(&mut self, e: &'ast syn::ExprBinary) {
        let mut binds = Binds(false);
        binds.visit_expr_binary(e);
        self.print(e.op.span().start(), e.span(), binds.0);
        visit::visit_expr_binary(self, e);
    }
    fn visit_expr_unary(&mut self, e: &'ast syn::ExprUnary) {
        self.print(e.op.span().start(), e.span(), false);
        visit::visit_expr_unary(self, e);
    }
    fn visit_item_const(&mut self, i: &'ast syn::ItemConst) {
        self.inside(true, |v| visit::visit_item_const(v, i));
    }
    fn visit_impl_item_const(&mut self, i: &'ast syn::ImplItemConst) {
        self.inside(true, |v| visit::visit_impl_item_const(v, i));
    }
    fn visit_item_static(&mut self, i: &'ast syn::ItemStatic) {
        self.inside(true, |v| visit::visit_item_static(v, i));
    }
    fn visit_expr_repeat(&mut self, e: &'ast syn::ExprRepeat) {
        self.visit_expr(&e.expr);
        self.inside(true, |v| v.visit_expr(&e.len));
    }
    fn visit_type_array(&mut self, t: &'ast syn::TypeArray) {
        self.inside(true, |v| visit::visit_type_array(v, t));
    }
    fn visit_item_fn(&mut self, i: &'ast syn::ItemFn) {
        self.inside(i.sig.constness.is_some(), |v| visit::visit_item_fn(v, i));
    }
    fn visit_impl_item_fn(&mut self, i: &'ast syn::ImplItemFn) {
        self.inside(i.sig.constness.is_some(), |v| visit::visit_impl_item_fn(v, i));
    }
}

fn main() {
    for file in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&file).expect("a file");
        let ast = syn::parse_file(&text).expect("Rust");
        Operators { file: &file, constant: 0 }.visit_file(&ast);
    }
}
